"""Where things are kept: the main database, the spool, the stream, the feed, the media."""
