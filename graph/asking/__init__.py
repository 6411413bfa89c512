"""Answers to strangers' queries, worked out where they can harm nobody.

A query from outside hung the engine or ended its process in two of three
hostile cases that were tried, so it is answered by a worker: a process of its own,
with limits and without sockets, that reads a copy of the store.
"""
