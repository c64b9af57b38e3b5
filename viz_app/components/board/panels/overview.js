// The whole of an array in small, below what is in sight of it: a frame says what that is.

import { contextOf, el } from "../../common/elements.js";
import { hides } from "../covered.js";
import { overviewHeight } from "../sizes/fit.js";

/** @import { Colour } from "../../common/colours.js" */
/** @import { Board } from "../board.js" */
/** @import { Coordinates, Pair, Tile } from "../scene.js" */
/** @import { TileView } from "./tile.js" */

export class Overview {
  /**
   * @param {Board} board
   * @param {() => TileView} view what is seen in part
   */
  constructor(board, view) {
    this.board = board;
    this.of = view;
    this.node = el("canvas", { className: "overview", hidden: true,
      title: "the whole of it in small: each pixel shows the largest number under it; drag the frame" });
    /**
     * What it shows in small, and its picture.
     * @type {{ tile: Tile, image: ImageData } | null}
     */
    this.whole = null;
    this.node.addEventListener("pointerdown", (e) => this.jump(e));
    this.node.addEventListener("pointermove", (e) => { if (e.buttons) this.jump(e); });
  }

  /**
   * Stand there if only a part is in sight.
   * @param {boolean} isWanted whether that is worth its height
   */
  place(isWanted) {
    const { node } = this, view = this.of(), [rows, columns] = view.tile.shape, { nr, nc } = view.shown;
    node.hidden = !isWanted || (nr === rows && nc === columns);
    if (node.hidden) return;
    node.style.width = `${view.width}px`;
    node.style.height = `${overviewHeight(rows)}px`;
  }

  draw() {
    const { node, board } = this, { tile, panel, width } = this.of();
    if (node.hidden) return;
    // While one scrolls, only the frame moves.
    if (this.whole?.tile !== tile || node.width !== width) {
      node.width = width;
      node.height = overviewHeight(tile.shape[0]);
      this.whole = { tile, image: this.inSmall(board.scale(panel.scale, ...(tile.range || panel.range))) };
    }
    this.drawFrame(null);
  }

  /** Its cells look otherwise now. */
  forget() { this.whole = null; }

  /**
   * A picture of a whole tile.
   * @param {(value: number) => Colour} scale
   */
  inSmall(scale) {
    const { width, height } = this.node, view = this.of(), [rows, columns] = view.tile.shape;
    const image = contextOf(this.node).createImageData(width, height);
    // Each pixel shows the largest number, in size, of the cells under it.
    for (let y = 0; y < height; y++) {
      const r0 = Math.floor(y * rows / height), r1 = Math.max(r0 + 1, Math.floor((y + 1) * rows / height));
      for (let x = 0; x < width; x++) {
        const c0 = Math.floor(x * columns / width), c1 = Math.max(c0 + 1, Math.floor((x + 1) * columns / width));
        let most = 0;
        for (let a = r0; a < r1; a++) {
          for (let b = c0; b < c1; b++) {
            const value = view.isCovered(a, b) || hides(view.tile, a, b) ? 0 : view.value(a, b);
            if (Math.abs(value) > Math.abs(most) || Number.isNaN(value)) most = value;
          }
        }
        image.data.set([...scale(most), 255], 4 * (y * width + x));
      }
    }
    return image;
  }

  /**
   * The frame round what is in sight, and where the cells lie that fit the coordinates.
   * @param {Coordinates | null | undefined} coordinates
   */
  drawFrame(coordinates) {
    if (this.node.hidden) return;
    const view = this.of(), { width, height } = this.node;
    const [rows, columns] = view.tile.shape, { r, c, nr, nc } = view.shown;
    const context = contextOf(this.node);
    if (this.whole) context.putImageData(this.whole.image, 0, 0);
    context.strokeStyle = this.board.ink;
    context.lineWidth = 2;
    context.strokeRect(c * width / columns + 1, r * height / rows + 1,
      Math.max(3, nc * width / columns - 2), Math.max(3, nr * height / rows - 2));
    if (!coordinates) return;
    // Those in sight are outlined there.
    /** @param {Pair} cell */
    const outside = ([row, column]) => row < r || row >= r + nr || column < c || column >= c + nc;
    const { pairs: all } = view.matches(coordinates, this.board.scene.geometry);
    // What belongs to half of everything needs no pointing at.
    const pairs = all.length * 2 > rows * columns ? [] : all.filter(outside);
    const size = [Math.max(3, width / columns), Math.max(3, height / rows)];
    /** @param {Pair} cell */
    const place = ([row, column]) => [Math.floor(column * width / columns), Math.floor(row * height / rows)];
    for (const [colour, more] of /** @type {const} */ ([["halo", 1], ["ink", 0]])) {
      context.fillStyle = this.board[colour];
      for (const [x, y] of pairs.map(place)) {
        context.fillRect(x - more, y - more, size[0] + 2 * more, size[1] + 2 * more);
      }
    }
  }

  /**
   * Scroll to where one points.
   * @param {PointerEvent} event
   */
  jump(event) {
    const { tile, shown: { nr, nc }, panel } = this.of(), [rows, columns] = tile.shape;
    const box = this.node.getBoundingClientRect();
    const r = Math.round((event.clientY - box.top) / box.height * rows - nr / 2);
    const c = Math.round((event.clientX - box.left) / box.width * columns - nc / 2);
    if (nc < columns) this.board.scroll(panel.columns, Math.max(0, Math.min(columns - nc, c)));
    if (nr < rows) this.board.scroll(panel.rows, Math.max(0, Math.min(rows - nr, r)));
  }
}
