#!/usr/bin/env python3
"""Show that a streaming replica serves what the addon reads.

    python benchmarks/replica.py --database bench_1000_tracked

copies the private cluster as a hot standby, starts Odoo with it, sends what the web
client sends, and prints from Odoo's own log which database answered. Needs the cluster
of ./run (PostgreSQL on this machine).
"""

import argparse
import http.cookiejar
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import runner
from runner import BenchmarkError

# What Odoo's log calls the cursors of a request.
SERVED = {"ro": "replica", "rw": "primary", "ro->rw": "replica refused, then primary"}


def main():
    """Read the arguments, set up, send, tear down."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", required=True)
    database = runner.check_name(parser.parse_args().database)
    primary = Path(runner.sql("postgres", "SHOW data_directory").strip())
    folder = primary.parent / "replica"
    failed = True
    try:
        standby = Standby(primary, folder)
        try:
            server = Server(database, folder)
            try:
                failed = show(database, server)
            finally:
                server.stop()
        finally:
            standby.stop()
    except (BenchmarkError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"Error: {error}")
    sys.exit(failed)


class Standby:
    """A hot standby of a cluster, with a socket directory of its own."""

    def __init__(self, primary, folder):
        self.owner, self.folder = pwd.getpwuid(primary.stat().st_uid).pw_name, folder
        pid = (primary / "postmaster.pid").read_text("utf-8").split()[0]
        self.programs = os.path.dirname(os.readlink(f"/proc/{pid}/exe"))
        host = runner.sql("postgres", "SHOW unix_socket_directories").strip()
        shutil.rmtree(folder, ignore_errors=True)
        self.run(
            "pg_basebackup", "-h", host, "-U", "odoo", "-D", folder, "-R", "-c", "fast"
        )
        options = f"-c unix_socket_directories='{folder}' -c max_connections=60"
        self.run(
            "pg_ctl", "-D", folder, "-w", "-l", folder / "log", "-o", options, "start"
        )

    def run(self, program, *arguments):
        """Run a program of PostgreSQL as the owner of the cluster."""
        command = [f"{self.programs}/{program}", *map(str, arguments)]
        if os.getuid() == 0:
            command = ["runuser", "-u", self.owner, "--", *command]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=600
        )

    def stop(self):
        """End it and delete its files."""
        self.run("pg_ctl", "-D", self.folder, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)


class Server:
    """Odoo on a database and its replica, and a browser's session."""

    def __init__(self, database, replica):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = Path(f"{replica}.log")
        self.process = subprocess.Popen(
            [runner.PROGRAM, "-d", database, "--http-interface=127.0.0.1"]
            + [f"--http-port={port}", f"--db_replica_host={replica}"]
            + ["--max-cron-threads=0"],
            stdin=subprocess.DEVNULL,
            stderr=self.log.open("w"),
        )
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), cookies
        )
        for _second in range(120):
            try:
                self.send("/web/login")
                break
            except OSError:
                time.sleep(1)
        login = {"db": database, "login": "admin", "password": "admin"}
        self.send("/web/session/authenticate", login)

    def send(self, path, params=None):
        """Send a request; return which database answered, and the answer."""
        verb = "GET" if params is None else "POST"
        before = self.log.stat().st_size
        data = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        request = urllib.request.Request(
            self.url + path,
            data if params is not None else None,
            {"Content-Type": "application/json"} if params is not None else {},
        )
        with self.opener.open(request, timeout=300) as response:
            answer = response.read()
        if params is not None and (error := json.loads(answer).get("error")):
            raise BenchmarkError(f"{path}: {error['data']['message']}")
        for _tenth in range(20):
            log = self.log.read_text("utf-8", "replace")[before:]
            lines = [line for line in log.splitlines() if f'"{verb} {path}' in line]
            if lines:
                return lines[-1].split()[-1], answer
            time.sleep(0.1)
        return "", answer

    def stop(self):
        """End it."""
        self.process.terminate()
        self.process.wait(30)


def show(database, server):
    """Send every request; return whether one was not served by the replica."""
    other = False
    for subject, path, params in runner.shell(database, "reads", "requests(env)"):
        mode, answer = server.send(path, params)
        other = other or mode != "ro"
        print(f"{subject:34}{SERVED.get(mode, mode):32}{len(answer):>9} bytes")
    return other


if __name__ == "__main__":
    main()
