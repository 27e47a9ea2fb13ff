"""Build newsbeam. Settings of the tools live in pyproject.toml; metadata and dependencies live here."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

# Each range was tested; the reason for each library stands in ARCHITECTURE.md, "Dependencies".
REQUIRES = [
    "apache-beam>=2.70,<2.78",
    "backports.zstd>=1.0,<2; python_version < '3.14'",
    "brotli>=1.2,<2",  # 1.2 is the first that bounds its output
    "charset-normalizer>=3.3,<4",
    "click>=8.1,<9",
    "elasticsearch>=8.19,<9",
    "feedparser>=6.0.11,<7",
    "htmldate>=1.9,<2",
    "idna>=3.7,<4",
    "listparser>=0.20,<1",
    "lxml>=5.3,<7",
    "lxml_html_clean>=0.4,<1",  # trafilatura needs it; old pip drops the extra that asks for it
    "orjson>=3.10,<4",
    "protego>=0.4,<1",
    "py3langid>=0.3,<1",
    "pydantic>=2.9,<3",
    "python-crfsuite>=0.9.11,<1",
    "pystemmer>=3.1,<3.2",  # stems are stored: one that stems otherwise would not find them
    "pyyaml>=6.0,<7",
    "rich>=13.9,<16",
    "tenacity>=9.0,<10",
    "tldextract>=5.1,<6",
    "trafilatura>=2.3,<2.4",  # one of its steps is called alone; tests tell if it moves
    "urllib3>=2.6,<3",
    "w3lib>=2.2,<3",
]
EXTRAS = {
    "browse": ["datasette>=0.65,<0.66"],
    "parquet": ["pyarrow>=16"],
    "spacy": ["spacy>=3.8,<3.9"],  # the engine alone: pipelines are the user's
    "dev": [
        "build>=1.2,<2",
        "hypothesis>=6.115,<7",
        "import-linter>=2.1,<3",
        "mypy>=1.13,<3",
        "pytest>=8.3,<10",
        "pytest-xdist>=3.6,<4",
        "ruff>=0.8,<1",
        "types-PyYAML",
    ],
}

setup(
    name="newsbeam",
    version="0.1.0",
    description="News ingestion on Apache Beam: polite polling, clean text, entities and figures, searchable",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE", "transforms/enrich/data/ATTRIBUTION.md"],
    python_requires=">=3.11",
    packages=find_packages(include=["pipeline*", "transforms*", "configs*"]),
    package_data={
        "configs": ["*.yaml"],
        "configs.index": ["*.json"],
        "configs.boilerplate": ["*.txt"],
        "configs.browse": ["*.yaml", "static/*.css", "templates/newsbeam/*.html"],
        "configs.kibana": ["*.ndjson", "*.md", "*/*.yaml"],
        "transforms.enrich.data": ["*"],
    },
    include_package_data=False,
    install_requires=REQUIRES,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["newsbeam = pipeline.cli:main"]},
)
