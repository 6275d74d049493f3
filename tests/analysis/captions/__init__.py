"""What captions and URLs say."""
