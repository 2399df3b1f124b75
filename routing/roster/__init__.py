"""The roster: who may own leads, with what skills, weight and hours; read whole or not at all."""
