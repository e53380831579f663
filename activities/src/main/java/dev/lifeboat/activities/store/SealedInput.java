package dev.lifeboat.activities.store;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Decrypts one object. Every byte that it gives was authenticated, and the last that it gives is the last there is. */
final class SealedInput extends StoredData {

    private final Body body;
    private final InputStream plain;
    private final String address;
    private final byte[] one = new byte[1];
    private long given;

    /** @param stored stands behind the header */
    SealedInput(InputStream stored, byte[] objectKey, String name, String address) throws IOException {
        this.body = new Body(stored, address);
        this.plain = SealedBody.decrypting(body, objectKey, name);
        this.address = address;
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        try {
            int count = plain.read(into, from, length);
            given += Math.max(0, count);
            return count;
        } catch (IOException e) {
            IOException ofTheSource = body.failure;
            if (ofTheSource != null) {
                throw ofTheSource;
            }
            throw SealedBody.altered(address, given, e);
        }
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public String sha256() throws IOException {
        return body.sha256();
    }

    @Override
    public void close() throws IOException {
        body.close();
    }

    /** The stored bytes behind the header, digested, without the mark at their end. */
    private static final class Body extends InputStream {

        private static final int BUFFER = 128 << 10;
        private static final int MARK = SealedBody.END.length;

        private final InputStream stored;
        private final String address;
        private final MessageDigest digest = StoredBytes.sha256();
        private final byte[] buffer = new byte[BUFFER];
        private final byte[] one = new byte[1];
        private int from;
        private int to;
        private long seen = SealedHeader.BYTES;
        private boolean ended;
        private @Nullable String sha256;
        private @Nullable IOException failure;

        Body(InputStream stored, String address) {
            this.stored = stored;
            this.address = address;
        }

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            // What may be the mark is held back until more follows it.
            while (!ended && to - from <= MARK) {
                fill();
            }
            if (ended) {
                requireMark();
            }
            int count = Math.min(length, to - from - MARK);
            if (count <= 0) {
                return -1;
            }
            System.arraycopy(buffer, from, into, at, count);
            from += count;
            return count;
        }

        String sha256() throws IOException {
            String known = sha256;
            if (known == null) {
                while (!ended) {
                    from = to;
                    fill();
                }
                known = HexFormat.of().formatHex(digest.digest());
                sha256 = known;
            }
            return known;
        }

        @Override
        public void close() throws IOException {
            stored.close();
        }

        private void fill() throws IOException {
            if (from > 0) {
                System.arraycopy(buffer, from, buffer, 0, to - from);
                to -= from;
                from = 0;
            }
            int count;
            try {
                count = stored.read(buffer, to, buffer.length - to);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
            if (count < 0) {
                ended = true;
                return;
            }
            digest.update(buffer, to, count);
            to += count;
            seen += count;
        }

        private void requireMark() {
            boolean whole = to - from >= MARK && Arrays.equals(buffer, to - MARK, to, SealedBody.END, 0, MARK);
            if (!whole) {
                throw SealedBody.truncated(address, seen);
            }
        }
    }
}
