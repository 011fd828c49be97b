"""Makes a virtual environment with exactly the packages of a requirements file, once.

Usage: python3 virtual-environment.py FOLDER REQUIREMENTS

The folder is used where it lies, because a virtual environment cannot be moved. A lock that the system drops when its
holder ends lets a second process wait for the first; a marker file tells a finished environment from an interrupted
one, which is completed.
"""

import fcntl
import pathlib
import subprocess
import sys
import venv

folder, requirements = pathlib.Path(sys.argv[1]), sys.argv[2]
marker = folder / "complete"
folder.parent.mkdir(parents=True, exist_ok=True)

with open(f"{folder}.lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not marker.exists():
        venv.create(folder, with_pip=True, symlinks=True)
        pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
        # Wheels only: building from source would run code and need headers that a plain machine has not.
        options = ["--quiet", "--no-input", "--require-hashes", "--only-binary=:all:"]
        command = [*pip, "install", *options, "--requirement", requirements]
        # pip holds the lock, too: where only this process is killed, nobody else writes while pip still does.
        subprocess.run(command, check=True, pass_fds=[lock.fileno()])
        marker.touch()
