package dev.lifeboat.activities.postgres;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An archive as {@code pg_dump -Fc} writes it into a pipe, made byte by byte, and a reader that goes by places only. */
final class MadeArchive {

    private static final int INTEGER = 5;

    private final int minor;
    private final boolean compressed;
    private final List<Entry> entries;
    private final Map<Integer, Integer> begins = new TreeMap<>();
    private final Map<Integer, Integer> marks = new TreeMap<>();
    private final byte[] piped;
    private int contentsEnd;

    /**
     * @param objects one list of rows for a table; several, each with the number of an object in front, are large objects
     */
    record Entry(int id, List<List<byte[]>> objects) {

        private boolean isTable() {
            return objects.size() == 1;
        }

        private byte[] data(int object) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            objects.get(object).forEach(all::writeBytes);
            return all.toByteArray();
        }

        /** What counts is the data, not how it is cut. */
        @Override
        public boolean equals(@Nullable Object other) {
            if (!(other instanceof Entry that) || id != that.id || objects.size() != that.objects.size()) {
                return false;
            }
            for (int i = 0; i < objects.size(); i++) {
                if (!Arrays.equals(data(i), that.data(i))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return id;
        }

        @Override
        public String toString() {
            return "entry %d of %d objects".formatted(id, objects.size());
        }
    }

    private MadeArchive(int minor, boolean compressed, List<Entry> entries) throws IOException {
        this.minor = minor;
        this.compressed = compressed;
        this.entries = entries;
        this.piped = write();
    }

    static MadeArchive of(int minor, boolean compressed, Entry... entries) throws IOException {
        return new MadeArchive(minor, compressed, List.of(entries));
    }

    static MadeArchive random(Random random, int minor, int count, boolean compressed) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int objects = random.nextInt(4) == 0 ? 2 + random.nextInt(3) : 1;
            List<List<byte[]>> data = new ArrayList<>();
            for (int object = 0; object < objects; object++) {
                data.add(rows(random));
            }
            entries.add(new Entry(100 + i * 3, data));
        }
        return new MadeArchive(minor, compressed, entries);
    }

    private static List<byte[]> rows(Random random) {
        List<byte[]> rows = new ArrayList<>();
        int most = List.of(40, 5_000, 70_000, 140_000).get(random.nextInt(4));
        int count = random.nextInt(most > 10_000 ? 8 : 60);
        for (int i = 0; i < count; i++) {
            byte[] row = new byte[random.nextInt(10) == 0 ? 65_536 : 1 + random.nextInt(most)];
            random.nextBytes(row);
            rows.add(row);
        }
        return rows;
    }

    byte[] piped() {
        return piped;
    }

    List<Entry> entries() {
        return entries;
    }

    int beginOf(int id) {
        return Objects.requireNonNull(begins.get(id));
    }

    int markOf(int id) {
        return Objects.requireNonNull(marks.get(id));
    }

    /** Header and table of contents without the places. */
    byte[] contents(byte[] archive) {
        byte[] contents = Arrays.copyOf(archive, contentsEnd);
        marks.values().forEach(mark -> Arrays.fill(contents, mark, mark + 9, (byte) 0));
        return contents;
    }

    /** How many pieces the data is cut into. */
    int blocks(byte[] archive) {
        int blocks = 0;
        int at = contentsEnd + 1 + INTEGER;
        for (int length = integer(archive, at); length > 0; length = integer(archive, at)) {
            at += INTEGER + length;
            blocks++;
        }
        return blocks;
    }

    private byte[] write() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write("PGDMP".getBytes(StandardCharsets.US_ASCII));
        out.write(new byte[] {1, (byte) minor, 0, 4, 8, 1});
        if (minor >= 15) {
            out.write(compressed ? 1 : 0);
        } else {
            integer(out, compressed ? -1 : 0);
        }
        for (int each : List.of(1, 2, 3, 4, 5, 126, 0)) {
            integer(out, each);
        }
        for (String each : List.of("shop", "15.20", "15.20 (Debian)")) {
            text(out, each);
        }
        integer(out, entries.size() + 1);
        entry(out, 1, false);
        for (Entry each : entries) {
            entry(out, each.id(), true);
        }
        contentsEnd = out.size();
        for (Entry each : entries) {
            begins.put(each.id(), out.size());
            out.write(each.isTable() ? 1 : 3);
            integer(out, each.id());
            for (int object = 0; object < each.objects().size(); object++) {
                if (!each.isTable()) {
                    // Numbers above two thousand million are negative here.
                    integer(out, -16_000 - object);
                }
                for (byte[] row : each.objects().get(object)) {
                    integer(out, row.length);
                    out.write(row);
                }
                integer(out, 0);
            }
            if (!each.isTable()) {
                integer(out, 0);
            }
        }
        return out.toByteArray();
    }

    private void entry(ByteArrayOutputStream out, int id, boolean hasData) throws IOException {
        integer(out, id);
        integer(out, hasData ? 1 : 0);
        for (String each : List.of("1259", "16386", "item " + id, "TABLE DATA")) {
            text(out, each);
        }
        integer(out, 3);
        text(out, "create table item (text text default 'ü')");
        text(out, "");
        text(out, "COPY item FROM stdin;\n");
        text(out, "public");
        text(out, null);
        if (minor >= 14) {
            text(out, "heap");
        }
        if (minor >= 16) {
            integer(out, 'r');
        }
        text(out, "lifeboat");
        text(out, "false");
        text(out, "214");
        text(out, "3");
        text(out, null);
        marks.put(id, out.size());
        out.write(hasData ? 1 : 3);
        out.write(new byte[8]);
    }

    private static void text(ByteArrayOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            integer(out, -1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        integer(out, bytes.length);
        out.write(bytes);
    }

    private static void integer(ByteArrayOutputStream out, int value) {
        out.write(value < 0 ? 1 : 0);
        int left = Math.abs(value);
        for (int i = 0; i < 4; i++) {
            out.write(left & 0xFF);
            left >>>= 8;
        }
    }

    /** What {@code pg_restore} finds at the places that the table of contents names. */
    static List<Entry> read(byte[] archive, int minor) {
        List<Entry> found = new ArrayList<>();
        places(archive, minor).forEach((id, place) -> {
            if (place == null) {
                throw new AssertionError("entry " + id + " has no place");
            }
            found.add(entry(archive, id, Math.toIntExact(place)));
        });
        return found;
    }

    private static Entry entry(byte[] archive, int id, int place) {
        if (integer(archive, place + 1) != id) {
            throw new AssertionError("at the place of %d begins %d".formatted(id, integer(archive, place + 1)));
        }
        List<List<byte[]>> objects = new ArrayList<>();
        int at = place + 1 + INTEGER;
        if (archive[place] == 1) {
            data(archive, at, objects);
            return new Entry(id, objects);
        }
        while (integer(archive, at) != 0) {
            at = data(archive, at + INTEGER, objects);
        }
        return new Entry(id, objects);
    }

    private static int data(byte[] archive, int from, List<List<byte[]>> objects) {
        List<byte[]> rows = new ArrayList<>();
        int at = from;
        for (int length = integer(archive, at); length != 0; length = integer(archive, at)) {
            rows.add(Arrays.copyOfRange(archive, at + INTEGER, at + INTEGER + length));
            at += INTEGER + length;
        }
        objects.add(rows);
        return at + INTEGER;
    }

    /** By the number of each entry that has data; null for one whose place is not known. */
    static Map<Integer, @Nullable Long> places(byte[] archive, int minor) {
        Map<Integer, @Nullable Long> places = new HashMap<>();
        int[] at = {minor >= 15 ? 12 : 11 + INTEGER};
        at[0] += 7 * INTEGER;
        skipTexts(archive, at, 3);
        int entries = integer(archive, at[0]);
        at[0] += INTEGER;
        for (int i = 0; i < entries; i++) {
            int id = integer(archive, at[0]);
            at[0] += 2 * INTEGER;
            skipTexts(archive, at, 4);
            at[0] += INTEGER;
            skipTexts(archive, at, minor >= 14 ? 6 : 5);
            at[0] += minor >= 16 ? INTEGER : 0;
            skipTexts(archive, at, 2);
            while (skipText(archive, at)) {
                // What it depends on.
            }
            ByteBuffer place = ByteBuffer.wrap(archive, at[0], 9).order(ByteOrder.LITTLE_ENDIAN);
            byte state = place.get();
            if (state != 3) {
                places.put(id, state == 2 ? place.getLong() : null);
            }
            at[0] += 9;
        }
        return new TreeMap<>(places);
    }

    private static void skipTexts(byte[] archive, int[] at, int count) {
        for (int i = 0; i < count; i++) {
            skipText(archive, at);
        }
    }

    private static boolean skipText(byte[] archive, int[] at) {
        int length = integer(archive, at[0]);
        at[0] += INTEGER + Math.max(0, length);
        return length >= 0;
    }

    private static int integer(byte[] archive, int at) {
        int value = ByteBuffer.wrap(archive, at + 1, 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        return archive[at] == 0 ? value : -value;
    }
}
