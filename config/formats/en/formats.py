"""How Django's own pages write dates: as every other page of the console does."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i:s e"
