"""Write job-server.jar into a folder of jars: a manifest that names each of them, and no code.

    python3 job_server_jar.py FOLDER MAIN_CLASS

`java -jar` and Beam's --flink_job_server_jar take it for the one big jar that Beam releases on its site.
"""

import sys
import zipfile
from pathlib import Path

NAME = "job-server.jar"
# Flink and Spark reach into these packages, which Java 17 closes.
OPENS = "java.base/java.lang java.base/java.util java.base/java.net java.base/java.nio java.base/sun.nio.ch"
OTHER_OPENS = "java.base/java.lang.invoke java.base/java.util.concurrent java.base/java.util.concurrent.atomic"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold: the same jars give the same bytes


def manifest(jars: list[str], main_class: str) -> str:
    """Return the text of META-INF/MANIFEST.MF."""
    headers = {
        "Manifest-Version": "1.0",
        "Main-Class": main_class,
        "Add-Opens": f"{OPENS} {OTHER_OPENS}",
        "Class-Path": " ".join(jars),
    }
    return "".join(_folded(f"{name}: {value}") for name, value in headers.items()) + "\r\n"


def write_jar(folder: Path, main_class: str) -> int:
    """Write the jar; return how many others it names. Raises ValueError when there are none."""
    jars = sorted(path.name for path in folder.glob("*.jar") if path.name != NAME)
    if not jars:
        raise ValueError(f"{folder} has no jars to name")
    with zipfile.ZipFile(folder / NAME, "w") as jar:
        jar.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF", EPOCH), manifest(jars, main_class))
    return len(jars)


def _folded(line: str) -> str:
    """Return a header in lines of at most 72 bytes, as the JAR File Specification has it; ASCII is expected."""
    first, rest = line[:70], line[70:]
    return "\r\n ".join([first, *(rest[at : at + 69] for at in range(0, len(rest), 69))]) + "\r\n"


if __name__ == "__main__":
    print(write_jar(Path(sys.argv[1]), sys.argv[2]), "jars")
