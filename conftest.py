"""What every test can use: each file under tests/plugins is a plugin."""

from pathlib import Path

PLUGINS = Path(__file__).parent / "tests" / "plugins"

pytest_plugins = [f"tests.plugins.{file.stem}" for file in sorted(PLUGINS.glob("[a-z]*.py"))]
