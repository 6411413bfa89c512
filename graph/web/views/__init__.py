"""Page data: what the templates show, worked out from the graph, free of HTML."""
