"""Ask a starting server for بوتين, which all five seeds mention: `ask.py PORT PID`; status 1 on any other answer."""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE = 180
"""Seconds to wait for the first answer: making the index is part of the wait."""

EXPECTED = 5


def main() -> None:
    """Wait for the server of process group leader PID, ask it, and compare the total."""
    port, process = (int(argument) for argument in sys.argv[1:])
    url = f"http://127.0.0.1:{port}/api/v1/search?" + urllib.parse.urlencode({"q": "بوتين"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with direct.open(url, timeout=10) as answer:
                total = json.load(answer)["total"]["value"]
            break
        except urllib.error.HTTPError as error:
            sys.exit(f"{url} answered {error.code}: {error.read().decode(errors='replace')[:500]}")
        except OSError as error:
            if time.monotonic() > end:
                sys.exit(f"no answer from {url} within {PATIENCE} seconds: {error}")
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                sys.exit("make serve ended before it answered")
            time.sleep(0.3)
    if total != EXPECTED:
        sys.exit(f"{url} found {total} articles, not {EXPECTED}")
    sys.stdout.write(f"{url} found {total} articles, as it should\n")


if __name__ == "__main__":
    main()
