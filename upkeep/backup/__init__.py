"""A copy of the studio in one tar file: the database as it was at one moment, then the media.

Why the copy is whole although the studio goes on: a file is stored before any row names it, and its name
never stands for other content. So all that the database of that moment names is there when the media is
read, which comes after; what is stored meanwhile is copied too, and no row asks for it. Only takes that
have been in the trash for 30 days can lose their files meanwhile, as they would within the day."""
