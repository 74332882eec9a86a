"""A throw-away WordPress with the plugin in it: Debian's package, a database of its own in MariaDB, PHP's web server.

Run by itself it is a site to try the plugin on: ``python tests/integrations/wordpress_site.py --service URL``.
Nothing leaves the machine: outgoing requests are allowed to 127.0.0.1 alone, mail is dropped, WP-Cron is off.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

PLUGIN = Path(__file__).parents[2] / "docs" / "integrations" / "wordpress" / "copytaster"
WORDPRESS = Path("/usr/share/wordpress")
MARIADB = "COPYTASTER_TEST_MARIADB"  # mysql://user:password@host:port
USERS = {"editor": "editor", "author": "author", "reader": "subscriber"}  # name → role; admin is the fourth

_CONFIG = """<?php
{defines}
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {{ define( 'ABSPATH', __DIR__ . '/' ); }}
require_once ABSPATH . 'wp-settings.php';
"""
# What the tests must know of the inside: every request that was sent; and no mail.
_WITNESS = """<?php
add_filter( 'pre_wp_mail', '__return_true' );
add_action( 'http_api_debug', function ( $answer, $context, $class, $args, $url ) {
	if ( is_wp_error( $answer ) && 'http_request_not_executed' === $answer->get_error_code() ) { return; }
	$call = array( 'url' => $url, 'method' => $args['method'], 'body' => json_decode( (string) $args['body'], true ) );
	$call['status'] = wp_remote_retrieve_response_code( $answer );
	file_put_contents( WP_CONTENT_DIR . '/calls.log', wp_json_encode( $call ) . "\\n", FILE_APPEND );
}, 10, 5 );
"""
_INSTALL = """
define( 'WP_INSTALLING', true );
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
wp_install( 'Port Ellory Courier', 'admin', 'desk@courier.example', false, '', 'admin' );
foreach ( json_decode( $argv[2], true ) as $name => $role ) {
	$user = array( 'user_login' => $name, 'user_pass' => $name, 'role' => $role );
	wp_insert_user( $user + array( 'user_email' => "$name@courier.example" ) );
}
update_option( 'stylesheet', 'plain' );
update_option( 'template', 'plain' );
update_option( 'permalink_structure', '/%postname%/' );
wp_delete_post( 1, true );
"""
# A run of its own: roles are read when WordPress starts, and while it is being installed there are none.
_ACTIVATE = """
update_option( 'copytaster', json_decode( $argv[2], true ) );
require_once ABSPATH . 'wp-admin/includes/plugin.php';
$answer = activate_plugin( 'copytaster/copytaster.php' );
if ( is_wp_error( $answer ) ) { fwrite( STDERR, $answer->get_error_message() ); exit( 1 ); }
flush_rewrite_rules();
$passwords = array();
foreach ( array( 'admin', 'editor', 'author', 'reader' ) as $name ) {
	$passwords[ $name ] = WP_Application_Passwords::create_new_application_password(
		get_user_by( 'login', $name )->ID, array( 'name' => 'tests' )
	)[0];
}
echo wp_json_encode( $passwords );
"""


def what_is_missing() -> str:
    """What keeps the site from being made here, or nothing."""
    if shutil.which("php") is None or not WORDPRESS.is_dir():
        return "needs Debian's packages wordpress, php-cli, php-mysql and php-xml"
    if MARIADB not in os.environ:
        return f"needs a MariaDB named by {MARIADB}, e.g. mysql://root@127.0.0.1:3306"
    return ""


class Site:
    """WordPress in ``folder``, answering at ``url`` once it is started."""

    def __init__(self, folder: Path, service_url: str, **options: Any) -> None:
        self.root = folder / "wordpress"
        self.log = folder / "php.log"
        self.database = f"copytaster_{secrets.token_hex(6)}"
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.options = {"url": service_url, "timeout": 20, "source": "port-ellory-courier"} | options
        self._server: subprocess.Popen[bytes] | None = None
        self.passwords: dict[str, str] = {}

    def install(self) -> None:
        """Copy the files, make the tables, activate the plugin."""
        shutil.copytree(WORDPRESS, self.root, ignore=shutil.ignore_patterns("wp-config.php", "development", "themes"))
        content = self.root / "wp-content"
        for name in ("mu-plugins", "themes/plain"):
            (content / name).mkdir(parents=True)
        (content / "mu-plugins" / "witness.php").write_text(_WITNESS)
        (content / "themes/plain/style.css").write_text("/* Theme Name: Plain */")
        (content / "themes/plain/index.php").write_text("<?php while ( have_posts() ) { the_post(); the_content(); }")
        (content / "plugins/copytaster").symlink_to(PLUGIN)
        (self.root / "wp-config.php").write_text(self._config())
        self._sql(f"CREATE DATABASE {self.database}")
        self._run(_INSTALL, json.dumps(USERS))
        self.passwords = json.loads(self.php(_ACTIVATE, json.dumps(self.options)))

    def start(self) -> None:
        """Serve it, until stop()."""
        address = urlsplit(self.url).netloc
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603
                ["php", "-S", address, "-t", str(self.root), str(_router(self.root))],  # noqa: S607
                env=os.environ | {"PHP_CLI_SERVER_WORKERS": "4"},
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # its workers do not end with it
            )
        _wait_for(f"{self.url}/wp-login.php")

    def stop(self) -> None:
        """End the server and drop the database."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(10)
        self._sql(f"DROP DATABASE IF EXISTS {self.database}")

    def php(self, code: str, *arguments: str) -> str:
        """What ``code`` prints, run inside WordPress from the command line; $argv[2] is the first argument."""
        return self._run("require $argv[1] . '/wp-load.php'; " + code, *arguments)

    def calls(self) -> list[dict[str, Any]]:
        """Every request that WordPress has sent: url, method, body and the status of the answer."""
        return [json.loads(line) for line in (self.root / "wp-content" / "calls.log").read_text().splitlines()]

    def complaints(self) -> str:
        """Every notice, warning and error of PHP in the plugin; WordPress of this age has some of its own."""
        written = self.root / "wp-content" / "debug.log"
        lines = written.read_text().splitlines() if written.exists() else []
        return "\n".join(line for line in lines if str(PLUGIN) in line or "plugins/copytaster" in line)

    def _run(self, code: str, *arguments: str) -> str:
        call = ["php", "-d", "display_errors=stderr", "-d", "opcache.enable_cli=0", "-r", code]
        done = subprocess.run([*call, str(self.root), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode or done.stderr:
            raise RuntimeError(f"php ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def _sql(self, statement: str) -> None:
        server = _mariadb()
        code = "$m = new mysqli( $argv[1], $argv[2], $argv[3], '', (int) $argv[4] ); $m->query( $argv[5] );"
        call = ["php", "-r", code, server["host"], server["user"], server["password"], server["port"], statement]
        subprocess.run(call, check=True, capture_output=True)  # noqa: S603

    def _config(self) -> str:
        server = _mariadb()
        constants: dict[str, Any] = {
            "DB_NAME": self.database,
            "DB_USER": server["user"],
            "DB_PASSWORD": server["password"],
            "DB_HOST": f"{server['host']}:{server['port']}",
            "DB_CHARSET": "utf8mb4",
            "WP_HOME": self.url,
            "WP_SITEURL": self.url,
            "WP_ENVIRONMENT_TYPE": "local",  # application passwords without TLS
            "WP_HTTP_BLOCK_EXTERNAL": True,
            "WP_ACCESSIBLE_HOSTS": "127.0.0.1",
            "DISABLE_WP_CRON": True,
            "AUTOMATIC_UPDATER_DISABLED": True,
            "WP_DEBUG": True,
            "WP_DEBUG_LOG": True,
            "WP_DEBUG_DISPLAY": False,
        } | {f"{name}_KEY": secrets.token_hex(32) for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")}
        lines = (f"define( '{name}', {json.dumps(value)} );" for name, value in constants.items())
        return _CONFIG.format(defines="\n".join(lines))


def _router(root: Path) -> Path:
    """PHP's server answers an address with a dot in it by 404; WordPress has such addresses."""
    router = root.parent / "router.php"
    router.write_text(
        "<?php $path = parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );\n"
        "if ( file_exists( $_SERVER['DOCUMENT_ROOT'] . $path ) && '/' !== $path ) { return false; }\n"
        "$_SERVER['SCRIPT_NAME'] = '/index.php'; require $_SERVER['DOCUMENT_ROOT'] . '/index.php';\n"
    )
    return router


def _mariadb() -> dict[str, str]:
    parts = urlsplit(os.environ[MARIADB])
    return {
        "host": parts.hostname or "127.0.0.1",
        "port": str(parts.port or 3306),
        "user": parts.username or "root",
        "password": parts.password or "",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=seconds):  # noqa: S310
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main() -> None:
    """Serve a site until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--service", default="http://127.0.0.1:8765", help="where copytaster serve listens")
    parser.add_argument("--key", default="", help="an API key of it")
    given = parser.parse_args()
    os.environ.setdefault(MARIADB, "mysql://root@127.0.0.1:3306")
    if missing := what_is_missing():
        raise SystemExit(f"error: {missing}")
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), given.service, key=given.key)
        try:
            site.install()
            site.start()
            print(f"{site.url}/wp-admin/ (admin, editor and author; each one's password is its name). Ctrl-C ends it.")
            signal.pause()
        except KeyboardInterrupt:
            print()
        finally:
            site.stop()


if __name__ == "__main__":
    main()
