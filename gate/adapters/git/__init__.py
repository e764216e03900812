"""The local git checkout: the same facts as from a forge, without one."""
