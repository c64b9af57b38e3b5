"""How the page looks: colours, sizes, style sheets, notation and equations."""
