from aanwezig.chassis.service import run
from aanwezig.notifier.app import build

if __name__ == "__main__":
    run(build)
