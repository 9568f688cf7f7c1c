"""Score predictions against labels; each subject is one module here."""
