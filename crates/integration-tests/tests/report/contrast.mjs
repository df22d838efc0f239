// Runs in the page: texts that are hard to read, and lines that are hard to see, by the ratios of
// WCAG 2 (4.5 for text, 3 for what is drawn).
export function faint() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = ([red, green, blue]) => {
    const linear = value => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const ratio = (a, b) => {
    const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  const behind = element => {
    const colours = [];
    for (let at = element; at; at = at.parentElement) {
      colours.unshift(getComputedStyle(at).backgroundColor);
    }
    return over(['#fff', ...colours]);
  };

  const found = new Map();
  let looked = 0;
  const look = (element, colour, least, what) => {
    const back = behind(element);
    const value = ratio(over([`rgb(${back.join(' ')})`, colour]), back);
    looked += 1;
    if (value < least) found.set(`${what}: ${value.toFixed(2)}`, element.outerHTML.slice(0, 120));
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const blank = !texts.currentNode.textContent.trim() || /^(SCRIPT|STYLE)$/.test(element.tagName);
    if (blank || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const svg = element instanceof SVGElement;
    look(element, svg ? style.fill : style.color, 4.5, `text .${element.getAttribute('class')}`);
  }
  for (const line of document.querySelectorAll('path.line, path.target')) {
    look(line, getComputedStyle(line).stroke, 3, `line .${line.getAttribute('class')}`);
  }
  for (const bars of document.querySelectorAll('path.fill')) {
    look(bars, getComputedStyle(bars).fill, 3, 'bars');
  }
  return { looked, found: [...found] };
}
