"""The documentation as a folder of static pages: reference, tour of the source, gallery; made from the package."""
