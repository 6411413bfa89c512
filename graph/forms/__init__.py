"""The forms of an export that other tools read, a module for each kind of tool."""
