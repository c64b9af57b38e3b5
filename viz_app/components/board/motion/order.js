// In which order the cells of a result are computed: row by row, but in X^(col) column by column,
// since a column is a window.

/** @import { Axis, Pair, Panel } from "../scene.js" */

/**
 * @param {Pick<Panel, "rows" | "columns">} panel
 * @param {Pair} shape rows and columns of cells
 */
export function orderOf({ rows, columns }, [height, width]) {
  /** @param {Axis} axis @param {string} name */
  const has = (axis, name) => axis.some(([own]) => own === name);
  const isByColumn = has(rows, "s") && has(columns, "i");
  return {
    total: height * width,
    /** How many cells are computed before the next line is begun. */
    line: isByColumn ? height : width,
    /**
     * The cell that is computed as number `k`, from 0.
     * @param {number} k
     * @returns {Pair}
     */
    cell: (k) => (isByColumn ? [k % height, Math.floor(k / height)] : [Math.floor(k / width), k % width]),
    /**
     * As which number a cell is computed.
     * @param {number} r
     * @param {number} c
     */
    rank: (r, c) => (isByColumn ? c * height + r : r * width + c),
  };
}

/** @typedef {ReturnType<typeof orderOf>} Order */
