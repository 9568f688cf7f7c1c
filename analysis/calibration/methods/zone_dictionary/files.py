"""Names of the method's weights files."""

SEGMENTATION_FILE = "zone_segmentation.safetensors"
DICTIONARY_FILE = "zone_poses.safetensors"
ENCODER_FILE = "zone_encoder.safetensors"
REFINER_FILE = "zone_refiner.safetensors"
#: The encoder's file also holds the codes of the dictionary's templates on a standard pitch.
CODES = "dictionary_codes"
PRETRAINED_FILE = "zone_pretrained.safetensors"
