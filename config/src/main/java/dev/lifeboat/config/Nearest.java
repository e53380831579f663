package dev.lifeboat.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that was meant: the one with the fewest letters added, dropped, changed or swapped. */
public final class Nearest {

    private static final int LONGEST = 100;

    private Nearest() {}

    /** Empty only when there is nothing to choose from. */
    public static Optional<String> to(String typed, Collection<String> known) {
        String begin = begin(typed);
        return known.stream()
                .min(Comparator.<String>comparingInt(word -> distance(begin, word))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Whether one was probably meant by the other. */
    public static boolean isClose(String typed, String word) {
        return distance(begin(typed), word) <= Math.max(1, word.length() / 3);
    }

    /** Nothing that is longer is near to any word; a file that was pasted into the wrong place can be very long. */
    private static String begin(String typed) {
        return typed.length() <= LONGEST ? typed : typed.substring(0, LONGEST);
    }

    /** How many letters must be added, dropped, changed or swapped with their neighbour. */
    public static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int changed = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(changed, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (isSwap(a, b, i, j)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }

    private static boolean isSwap(String a, String b, int i, int j) {
        return i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    }
}
