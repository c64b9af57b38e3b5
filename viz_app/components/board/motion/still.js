// Whether somebody has asked their system for less motion.

/** Then nothing moves: what is new is simply there. */
export const isStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
