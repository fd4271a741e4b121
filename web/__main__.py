"""`python -m web` is the command `judhur`."""

from web.cli.main import main

if __name__ == "__main__":
    main()
