"""The assignment `gru_layer`: a GRU as a torch module, with lengths, layers, directions and streams."""
