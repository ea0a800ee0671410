"""What calls are by the tables of the site: whose, of which class, at what cost, and from which budget."""
