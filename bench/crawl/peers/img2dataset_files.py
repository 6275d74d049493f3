"""img2dataset as its documentation shows it, pictures kept at their size (`resize_mode=no`).

A program for img2dataset's own environment, one process:
`img2dataset_files.py LINKS FOLDER THREADS as-documented|leanest`. `as-documented` keeps its defaults, with which it decodes and encodes each picture
again; `leanest` switches that and EXIF off. Its table of sha256 lies in FOLDER as Parquet.
"""

import sys
from pathlib import Path

from img2dataset import download  # type: ignore[import-not-found]

_LEANEST = {"disable_all_reencoding": True, "extract_exif": False}


def walk(links: Path, folder: Path, threads: int, manner: str) -> None:
    """Fetch every link into `folder`."""
    download(
        url_list=str(links),
        input_format="txt",
        output_folder=str(folder),
        processes_count=1,
        thread_count=threads,
        resize_mode="no",
        compute_hash="sha256",
        **(_LEANEST if manner == "leanest" else {}),
    )


if __name__ == "__main__":
    walk(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
