#!/usr/bin/env node
// Plain JavaScript that every Node parses: it names the version when it is too old, then starts the program.
