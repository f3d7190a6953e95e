"""Many cameras lost at once are one alert of their grid."""
