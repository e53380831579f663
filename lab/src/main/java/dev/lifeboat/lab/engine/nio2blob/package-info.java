/** The name of this package matters: s3proxy recognises a backend that can write conditionally by {@code .nio2blob.} in it. */
@NullMarked
package dev.lifeboat.lab.engine.nio2blob;

import org.jspecify.annotations.NullMarked;
