//! Tables of Markdown as aligned columns.

use super::fill::{Lead, fill};
use super::inline::inline;
use unicode_width::UnicodeWidthStr;

/// What stands between two columns.
const BETWEEN: usize = 2;

/// The rows in columns, wrapped where they do not fit, with a line below the header.
pub(super) fn table(rows: &[&str], width: usize) -> String {
    let rows: Vec<Vec<String>> = rows.iter().filter(|row| !is_separator(row)).map(|row| cells(row)).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths = widths(&rows, columns, width);
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| fill(cell, Lead::all(""), *width)).collect();
        let height = cells.iter().map(|cell| cell.lines().count()).max().unwrap_or_default();
        for at in 0..height {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(&widths) {
                let part = cell.lines().nth(at).unwrap_or_default();
                line.push_str(part);
                line.extend(std::iter::repeat_n(' ', width.saturating_sub(part.width()) + BETWEEN));
            }
            text.extend([line.trim_end(), "\n"]);
        }
        if number == 0 {
            let lines: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text.extend([&lines.join(&" ".repeat(BETWEEN)), "\n"]);
        }
    }
    text
}

/// How wide each column is: as its widest cell, unless that does not fit; but no narrower than its longest word.
fn widths(rows: &[Vec<String>], columns: usize, width: usize) -> Vec<usize> {
    let widest = |column: usize, of: &dyn Fn(&str) -> usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| of(cell)).max().unwrap_or_default()
    };
    let longest_word = |cell: &str| cell.split_whitespace().map(UnicodeWidthStr::width).max().unwrap_or_default();
    let least: Vec<usize> = (0..columns).map(|column| widest(column, &longest_word)).collect();
    let mut widths: Vec<usize> = (0..columns).map(|column| widest(column, &|cell| cell.width())).collect();
    while widths.iter().sum::<usize>() + BETWEEN * columns.saturating_sub(1) > width {
        let shrinks = (0..columns).filter(|column| widths[*column] > least[*column]);
        let Some(column) = shrinks.max_by_key(|column| widths[*column]) else { break };
        widths[column] -= 1;
    }
    widths
}

fn is_separator(row: &str) -> bool {
    row.chars().all(|c| "|-: ".contains(c)) && row.contains('-')
}

/// The cells of a row; a bar in one is written `\|`.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|');
    let row = row.strip_suffix('|').unwrap_or(row).replace("\\|", "\0");
    row.split('|').map(|cell| inline(cell.trim()).replace('\0', "|")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [&str; 4] = ["| a | b |", "|-|-|", "| `x \\| y` | one two three |", "| | z |"];

    #[test]
    fn columns_are_aligned_and_wrapped_where_they_do_not_fit() {
        assert_eq!(table(&ROWS, 80), "a        b\n-------  -------------\n`x | y`  one two three\n         z\n");
        assert_eq!(table(&ROWS, 18), "a        b\n-------  ---------\n`x | y`  one two\n         three\n         z\n");
    }
}
