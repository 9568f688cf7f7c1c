import signal
import subprocess
import sys
import textwrap

import pytest

from analysis.cli import main as cli
from analysis.core.problems import Cancelled, InputProblem, PlanProblem, Transient


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A package of commands on disk, in place of ``analysis.cli``."""
    package = tmp_path / "trial_commands"
    (package / "group").mkdir(parents=True)
    (package / "__init__.py").write_text('"""Trial commands."""\n')
    (package / "group" / "__init__.py").write_text('"""A group."""\n')

    def write(name, body, docstring="Says something."):
        text = f'"""{docstring}"""\n' + textwrap.dedent(body)
        (package / f"{name}.py").write_text(text)

    write(
        "group/inner",
        "def add_arguments(p): p.add_argument('n', type=int)\ndef main(a): return a.n\n",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(cli, "PACKAGE", "trial_commands")
    yield write
    for name in [name for name in sys.modules if name.startswith("trial_commands")]:
        del sys.modules[name]


def failing(error):
    return f"""
        from analysis.core.problems import *
        def add_arguments(parser): parser.add_argument("--n", type=int)
        def main(args): raise {error}
    """


def test_a_command_is_found_by_its_file_name_and_gets_its_arguments(commands):
    commands(
        "greet",
        "def add_arguments(p): p.add_argument('--status', type=int)\ndef main(a): return a.status\n",
    )
    assert cli.main(["greet", "--status", "7"]) == 7
    assert cli.main(["group", "inner", "5"]) == 5


def test_help_lists_commands_without_importing_them(commands, capsys):
    commands("broken", "raise RuntimeError('imported')\n", docstring="A broken one.")
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert "broken" in out and "A broken one." in out and "group" in out


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["greet", "--n", "x"], ["greet", "--what"]])
def test_wrong_arguments_exit_with_two(commands, argv, capsys):
    commands("greet", failing("RuntimeError('never reached')"))
    with pytest.raises(SystemExit) as stop:
        cli.main(argv)
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("InputProblem('video_empty', 'The file is empty; choose another one.')", "empty"),
        ("Transient('disk_full', 'The disk is full; free some space.')", "disk is full"),
        ("PlanProblem(['no method a', 'no stream b'])", "no method a; no stream b"),
        ("Cancelled()", "cancelled"),
        ("OSError(28, 'No space left on device')", "disk is full"),
        ("ModuleNotFoundError('x', name='av')", "'av' is not installed"),
    ],
)
def test_an_expected_failure_is_one_sentence_and_status_one(commands, error, words, capsys):
    commands("greet", failing(error))
    assert cli.main(["greet"]) == 1
    err = capsys.readouterr().err
    assert words in err and "Traceback" not in err and err.count("\n") == 1


def test_a_bug_stays_loud(commands):
    commands("greet", failing("ZeroDivisionError('bug')"))
    with pytest.raises(ZeroDivisionError):
        cli.main(["greet"])
    assert cli.sentence_of(FileNotFoundError(2, "no such file")) is None


def test_sentences_of_all_problem_kinds():
    assert cli.sentence_of(InputProblem("a", "One.")) == "One."
    assert cli.sentence_of(Transient("a", "Two.")) == "Two."
    assert cli.sentence_of(PlanProblem(["x", "y"])).endswith("x; y.")
    assert cli.sentence_of(Cancelled()) == "The work was cancelled."


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_command_unwinds_and_says_so(tmp_path, sent, status):
    (tmp_path / "trial_wait").mkdir()
    (tmp_path / "trial_wait" / "__init__.py").write_text("")
    (tmp_path / "trial_wait" / "wait.py").write_text(
        "import signal\ndef add_arguments(p): pass\n"
        "def main(a):\n"
        "    try:\n        print('ready', flush=True); signal.pause()\n"
        "    finally:\n        print('tidied', flush=True)\n"
    )
    # What starts the tests may have told its children to ignore the keyboard, as shells do with jobs in the background.
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from analysis.cli import main as m; m.PACKAGE='trial_wait'; sys.exit(m.main(['wait']))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path[:0]=[{str(tmp_path)!r}]\n{script}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout.readline() == "ready\n"
    child.send_signal(sent)
    out, err = child.communicate(timeout=20)
    assert child.returncode == status and "tidied" in out and "Traceback" not in err


def test_the_real_command_line_answers_help_quickly_without_heavy_imports():
    script = (
        "import sys\nfrom analysis.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'cv2', 'av', 'numpy', 'django', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0
