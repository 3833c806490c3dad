"""`python -m aanwezig.intake`: the only door for school data."""

from aanwezig.chassis.service import run
from aanwezig.intake.app import build

if __name__ == "__main__":
    run(build)
