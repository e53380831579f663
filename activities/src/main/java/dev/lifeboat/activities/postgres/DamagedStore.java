package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.DataKeys;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.StoredUpload;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The bucket, with one object damaged on its way to the reader. What is stored is not touched, and nothing is written. */
record DamagedStore(ObjectStore store, String damaged, Damage damage) implements ObjectStore {

    /** @param at which byte, counted from zero */
    record Damage(Kind kind, long at) {}

    enum Kind {
        /** Nothing is: to see that the view itself damages nothing. */
        UNDAMAGED,
        /** Everything from this byte on is missing. */
        TRUNCATED,
        /** One bit of this byte is another. */
        ALTERED
    }

    @Override
    public InputStream read(String key) {
        return key.equals(damaged) ? new DamagedStream(store.read(key), damage) : store.read(key);
    }

    @Override
    public byte[] readAll(String key) {
        if (!key.equals(damaged)) {
            return store.readAll(key);
        }
        try (InputStream stream = read(key)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw FileTrees.failed("read " + key, e);
        }
    }

    @Override
    public InputStream read(String key, Version version) {
        return store.read(key, version);
    }

    @Override
    public List<Version> earlierVersions(String key) {
        // A reader that helps itself with an earlier version would not see the damage.
        return key.equals(damaged) ? List.of() : store.earlierVersions(key);
    }

    @Override
    public Optional<StoredObject> head(String key) {
        return store.head(key);
    }

    @Override
    public List<StoredObject> list(String prefix) {
        return store.list(prefix);
    }

    @Override
    public List<String> listFolders(String prefix) {
        return store.listFolders(prefix);
    }

    @Override
    public String addressOf(String key) {
        return store.addressOf(key);
    }

    @Override
    public Optional<DataKeys> encryption() {
        return store.encryption();
    }

    @Override
    public Optional<Instant> clock() {
        return store.clock();
    }

    @Override
    public void put(String key, byte[] content) {
        throw readOnly();
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        throw readOnly();
    }

    @Override
    public StoredUpload upload(String key) {
        throw readOnly();
    }

    @Override
    public boolean rewriteHead(String key, int length, Function<byte[], Optional<byte[]>> change) {
        throw readOnly();
    }

    @Override
    public boolean change(String key, Function<byte[], Optional<byte[]>> change) {
        throw readOnly();
    }

    @Override
    public void delete(String key) {
        throw readOnly();
    }

    @Override
    public Deletion deleteAll(List<String> keys) {
        throw readOnly();
    }

    @Override
    public List<WrittenObject> listWritten(String prefix) {
        return store.listWritten(prefix);
    }

    @Override
    public void discardUploads(String prefix) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("a damaged view of the bucket is only read");
    }

    private static final class DamagedStream extends FilterInputStream {

        private final Damage damage;
        private long passed;

        DamagedStream(InputStream whole, Damage damage) {
            super(whole);
            this.damage = damage;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int most = length;
            if (damage.kind() == Kind.TRUNCATED) {
                most = (int) Math.min(length, damage.at() - passed);
                if (most <= 0 && length > 0) {
                    return -1;
                }
            }
            int count = super.read(buffer, offset, most);
            if (count > 0) {
                long place = damage.at() - passed;
                if (damage.kind() == Kind.ALTERED && place >= 0 && place < count) {
                    buffer[offset + (int) place] ^= 1;
                }
                passed += count;
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            // What is skipped counts as well.
            return Math.max(0, read(new byte[(int) Math.min(count, 8192)], 0, (int) Math.min(count, 8192)));
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
