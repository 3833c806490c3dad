"""`python -m aanwezig.case_router` runs the service."""

from aanwezig.case_router.app import build
from aanwezig.chassis.service import run

if __name__ == "__main__":
    run(build)
