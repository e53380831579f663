package dev.lifeboat.activities.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Text of lines that keeps its beginning and its end when there is too much of it, and says what is missing between. Not
 * for several threads.
 */
final class BoundedText {

    private final int headBytes;
    private final int tailBytes;
    private final StringBuilder head = new StringBuilder();
    private final Deque<String> tail = new ArrayDeque<>();
    private int inHead;
    private int inTail;
    private long linesLeftOut;
    private long bytesLeftOut;

    BoundedText(int headBytes, int tailBytes) {
        this.headBytes = headBytes;
        this.tailBytes = tailBytes;
    }

    /** @param line without its newline */
    void add(String line) {
        String whole = line + "\n";
        int size = whole.getBytes(StandardCharsets.UTF_8).length;
        if (tail.isEmpty() && inHead + size <= headBytes) {
            head.append(whole);
            inHead += size;
            return;
        }
        tail.addLast(whole);
        inTail += size;
        while (inTail > tailBytes) {
            int dropped = tail.removeFirst().getBytes(StandardCharsets.UTF_8).length;
            inTail -= dropped;
            linesLeftOut++;
            bytesLeftOut += dropped;
        }
    }

    String text() {
        StringBuilder text = new StringBuilder(head);
        if (linesLeftOut > 0) {
            text.append("[... %d lines, %d bytes are left out here ...]\n".formatted(linesLeftOut, bytesLeftOut));
        }
        tail.forEach(text::append);
        return text.toString();
    }
}
