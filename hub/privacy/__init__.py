"""What the law asks of who films public places: files of cameras, exports, holds, retention."""
