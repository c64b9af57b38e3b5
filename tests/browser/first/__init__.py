"""What a newcomer, a class and a telephone see first."""
