import subprocess
import sys


def test_the_web_process_starts_without_scipy():
    program = "import sys, django; django.setup(); import config.urls; print('scipy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
