package dev.lifeboat.lab;

import dev.lifeboat.lab.load.LoadWriters;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Tells a demo's story: plain lines in a pipe, a counter that moves on a terminal. */
final class Narrator {

    private final boolean terminal = System.getProperty("lifeboat.terminal", "").contains("1");
    private final long start = System.nanoTime();

    void chapter(String title) {
        System.out.printf(Locale.ROOT, "%n== %s  (%.0f s)%n", title, seconds());
    }

    void line(String text) {
        System.out.println("   " + text);
    }

    void command(String... words) {
        System.out.println("   $ lifeboat " + String.join(" ", words));
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Shows the counter of acknowledged commits until this is so. */
    void count(LoadWriters load, Duration atMost, BooleanSupplier until) {
        long end = System.nanoTime() + atMost.toNanos();
        int before = load.committed();
        long since = System.nanoTime();
        while (!until.getAsBoolean() && System.nanoTime() < end) {
            pause(200);
            if (terminal) {
                System.out.print("\r" + counter(load, before, since) + "   ");
            }
        }
        System.out.println((terminal ? "\r" : "") + counter(load, before, since));
    }

    private static String counter(LoadWriters load, int before, long since) {
        double passed = Math.max(0.001, (System.nanoTime() - since) / 1e9);
        return String.format(
                Locale.ROOT,
                "   %,d orders committed, %.0f a second",
                load.committed(),
                (load.committed() - before) / passed);
    }

    static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
