"""What a picture tells, without keeping it: bytes in, a `Fingerprint` out.

    the bytes of a picture
     │  darkroom.py, process.py    go to a process of their own, between the marks of framing.py: a
     │                             decoder's fault ends that alone
     ▼
    read.py                        in that process: one picture, one Fingerprint
     ├ luma.py      its brightness, decoded no larger than PDQ needs       (Pillow)
     ├ pdq.py       → PDQ and its quality, in one orientation or all eight (numpy)
     ├ metadata.py  what is written beside the pixels: EXIF, XMP, IPTC, PNG text
     ├ dicom.py     the same of a DICOM file, without its pixels           (pydicom)
     ├ parts.py     the same of the picture cropped, for whoever looks for copies of it
     └ flags/       → names of what is there, one small file a kind; never a value
     ▼
    fingerprint.py                 the noun that leaves

No byte of a picture is written to disk, and no value of its metadata leaves `flags/`: a position, a
serial number, a patient's name are looked at and forgotten, and what remains is that they are there.

This package imports nothing of `crawler` but `crawler.records`, and nothing of `analysis`; both may
use it.
"""
