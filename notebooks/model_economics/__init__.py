"""Functions that the chapters share: tables in, tables or numbers out."""
