"""Filiera's rooms: one package per stage of the workflow, `lib` for what they share, `cli` for the operator.

A room imports `scripts.lib` and never another room, so that each can be read, tested and replaced alone.
"""
