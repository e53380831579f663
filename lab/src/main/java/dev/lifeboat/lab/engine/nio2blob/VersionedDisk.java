package dev.lifeboat.lab.engine.nio2blob;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.gaul.s3proxy.nio2blob.AbstractNio2BlobStore;

/** s3proxy's backend on disk with the versions of objects switched on, which its stock subclass leaves off. */
public final class VersionedDisk extends AbstractNio2BlobStore {

    private static final int BITS_PER_MILLISECOND = 12;

    static {
        startVersionsAt(System.currentTimeMillis() << BITS_PER_MILLISECOND);
    }

    public VersionedDisk(Path root) {
        super(root);
    }

    @Override
    public boolean supportsVersioning() {
        return true;
    }

    @Override
    public boolean supportsServerSideEncryption() {
        return true;
    }

    @Override
    public boolean supportsBucketEncryption() {
        return true;
    }

    /** The counter begins at 1 in every process, so a new version could get the id of an old one on the same disk. */
    private static void startVersionsAt(long first) {
        try {
            Field sequence = AbstractNio2BlobStore.class.getDeclaredField("VERSION_SEQUENCE");
            sequence.setAccessible(true);
            ((AtomicLong) sequence.get(null)).accumulateAndGet(first, Math::max);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this s3proxy counts versions in another way than 4.1.0", e);
        }
    }
}
