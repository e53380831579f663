package dev.lifeboat.activities.postgres;

import com.github.luben.zstd.ZstdIOException;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Where the bytes of a dump come from. What they are is found from them, with {@link #sniff}. */
abstract sealed class DumpSource {

    /** As people read it: an address or a path. */
    abstract String name();

    /** The stored bytes, decrypted where they were encrypted; fails at their end where they are not what a manifest says. */
    abstract InputStream open() throws IOException;

    abstract boolean isEncrypted();

    abstract long storedBytes();

    /** Changes when the bytes do, as far as can be told without reading them. */
    abstract String identity() throws IOException;

    /** Reads no more than the beginning. */
    DumpBytes sniff() throws IOException {
        try (InputStream stored = open()) {
            return DumpSniffer.open(stored, isEncrypted(), name()).bytes();
        } catch (EOFException | ZipException | ZstdIOException e) {
            throw DumpSpool.damaged(this, e);
        }
    }

    /** An object of the bucket. */
    static final class InBucket extends DumpSource {

        private final DataObjects data;
        private final String key;
        private final String address;
        private final @Nullable String sha256;
        private final long storedBytes;

        /**
         * @param address its whole address, for people
         * @param sha256  what its manifest notes; null where there is none
         */
        InBucket(DataObjects data, String key, String address, @Nullable String sha256, long storedBytes) {
            this.data = data;
            this.key = key;
            this.address = address;
            this.sha256 = sha256;
            this.storedBytes = storedBytes;
        }

        @Override
        String name() {
            return address;
        }

        @Override
        InputStream open() {
            return data.read(key, sha256);
        }

        @Override
        boolean isEncrypted() {
            return key.endsWith(".enc");
        }

        @Override
        long storedBytes() {
            return storedBytes;
        }

        @Override
        String identity() {
            return "%s %d %s".formatted(key, storedBytes, sha256);
        }
    }

    /** A file of the worker's host, or the folder of a directory archive. */
    static final class OnDisk extends DumpSource {

        private final Path file;

        OnDisk(Path file) {
            this.file = file;
        }

        Path file() {
            return file;
        }

        @Override
        String name() {
            return file.toString();
        }

        @Override
        InputStream open() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        boolean isEncrypted() {
            return false;
        }

        @Override
        long storedBytes() {
            return file.toFile().length();
        }

        @Override
        String identity() throws IOException {
            return "%s %d %s".formatted(file, storedBytes(), Files.getLastModifiedTime(file));
        }
    }
}
