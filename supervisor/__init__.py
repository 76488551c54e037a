"""What watches over the processes: children, the nginx front, the demo."""
