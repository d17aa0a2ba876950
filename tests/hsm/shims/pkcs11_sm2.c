/* A PKCS #11 module for tests: SoftHSM, with SM2 by vendor mechanisms added, and faults on demand.
 *
 * Everything goes to the module named by SHIM_MODULE but what stands at the end of this file. SM2 is real,
 * by libcrypto; its scalars lie in a data object on the token, which any real module would never do: this
 * shows a driver's calls, not custody. Declarations are our own, as far as they are used.
 *
 *   0x80000F01  makes a key pair            0x80000F02  signs e, gives r || s
 *   0x80000F03  signs a message, gives DER; the user ID is the parameter, or the default one
 *   0x80000F04  signs a message, gives r || s; the parameter is a structure {pointer, length} of the ID
 *
 * SHIM_LOG: a file that gets a line for each C_Login. SHIM_FAULT: the name of a fault, looked up at each call.
 */
#include <dlfcn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char byte;
typedef unsigned long ulong_t;
typedef struct { ulong_t type; void *value; ulong_t length; } attribute;
typedef struct { ulong_t number; void *parameter; ulong_t length; } mechanism;
typedef struct { byte *octets; ulong_t length; } octets;
typedef struct { byte version[2]; void *f[68]; } function_list;

enum { GET_SLOT_LIST = 4, GET_MECHANISM_LIST = 7, LOGIN = 18, CREATE = 20, DESTROY = 22, GET = 24, FIND_INIT = 26,
       FIND = 27, FIND_FINAL = 28, DECRYPT = 34, SIGN_INIT = 42, SIGN = 43, GENERATE_PAIR = 59 };
enum { OK = 0, GENERAL_ERROR = 5, ARGUMENTS_BAD = 7, BUFFER_TOO_SMALL = 0x150 };
enum { GENERATE_SM2 = 0x80000F01, SIGN_E = 0x80000F02, SIGN_MESSAGE = 0x80000F03, SIGN_WITH_POINTER = 0x80000F04 };
enum { CLASS = 0, TOKEN = 1, PRIVATE = 2, LABEL = 3, VALUE = 0x11, KEY_TYPE = 0x100, ID = 0x102, POINT = 0x181,
       EC_PARAMS = 0x180 };

static function_list *real, ours;
#define CALL(index, types, ...) (((ulong_t (*) types)real->f[index])(__VA_ARGS__))

static int fault(const char *name) {
    const char *wanted = getenv("SHIM_FAULT");
    return wanted && !strcmp(wanted, name);
}

/* What C_SignInit leaves for C_Sign, by session. */
static struct operation { ulong_t session, number, id_length; byte scalar[32], id[8192]; } operations[64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct operation *operation_of(ulong_t session, int make) {
    struct operation *found = NULL;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 64 && !found; i++)
        if (operations[i].session == session) found = &operations[i];
    for (int i = 0; i < 64 && !found && make; i++)
        if (!operations[i].session) (found = &operations[i])->session = session;
    pthread_mutex_unlock(&lock);
    return found;
}

/* The data object with the scalar of the key with this identifier: its handle, or 0. */
static ulong_t scalar_object(ulong_t session, const byte *id, ulong_t length) {
    char label[600] = "shim:";
    ulong_t class = 0, found = 0, count = 0;
    for (ulong_t i = 0; i < length && i < 256; i++) sprintf(label + strlen(label), "%02x", id[i]);
    attribute wanted[] = {{CLASS, &class, sizeof class}, {LABEL, label, strlen(label)}};
    if (CALL(FIND_INIT, (ulong_t, attribute *, ulong_t), session, wanted, 2)) return 0;
    CALL(FIND, (ulong_t, ulong_t *, ulong_t, ulong_t *), session, &found, 1, &count);
    CALL(FIND_FINAL, (ulong_t), session);
    return count ? found : 0;
}

static ulong_t scalar_of_key(ulong_t session, ulong_t key) {
    byte id[256];
    attribute wanted = {ID, id, sizeof id};
    if (CALL(GET, (ulong_t, ulong_t, attribute *, ulong_t), session, key, &wanted, 1)) return 0;
    return scalar_object(session, id, wanted.length);
}

static EVP_PKEY *key_of(const byte *scalar) {
    static const char prefix[] = "\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81"
                                 "\x1c\xcf\x55\x01\x82\x2d\x04\x27\x30\x25\x02\x01\x01\x04\x20";
    byte der[sizeof prefix - 1 + 32];
    const byte *position = der;
    memcpy(der, prefix, sizeof prefix - 1);
    memcpy(der + sizeof prefix - 1, scalar, 32);
    return d2i_AutoPrivateKey(NULL, &position, sizeof der);
}

static ulong_t create(ulong_t session, attribute *more, ulong_t count, attribute *own, ulong_t own_count,
                      ulong_t *handle) {
    attribute all[64];
    if (count + own_count > 64) return ARGUMENTS_BAD;
    memcpy(all, own, own_count * sizeof *own);
    memcpy(all + own_count, more, count * sizeof *more);
    return CALL(CREATE, (ulong_t, attribute *, ulong_t, ulong_t *), session, all, own_count + count, handle);
}

static ulong_t generate_sm2(ulong_t session, attribute *public, ulong_t publics, attribute *private, ulong_t privates,
                            ulong_t *public_key, ulong_t *private_key) {
    static byte params[] = {6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d};
    ulong_t data_class = 0, public_class = 2, private_class = 3, data, result = GENERAL_ERROR;
    byte yes = 1, scalar[32], point[67] = {4, 65};
    char label[600] = "shim:";
    size_t length;
    BIGNUM *number = NULL;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    if (!key || !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) ||
        BN_bn2binpad(number, scalar, 32) != 32 ||
        !EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point + 2, 65, &length) || length != 65)
        goto end;
    for (ulong_t i = 0; i < privates; i++)
        for (ulong_t j = 0; private[i].type == ID && j < private[i].length && j < 256; j++)
            sprintf(label + strlen(label), "%02x", ((byte *)private[i].value)[j]);
    attribute data_own[] = {{CLASS, &data_class, sizeof data_class}, {TOKEN, &yes, 1}, {PRIVATE, &yes, 1},
                            {LABEL, label, strlen(label)}, {VALUE, scalar, 32}};
    attribute public_own[] = {{CLASS, &public_class, sizeof public_class}, {POINT, point, sizeof point}};
    attribute private_own[] = {{CLASS, &private_class, sizeof private_class}, {EC_PARAMS, params, sizeof params},
                               {VALUE, scalar, 32}};
    if ((result = create(session, NULL, 0, data_own, 5, &data))) goto end;
    if ((result = create(session, public, publics, public_own, 2, public_key))) goto end;
    result = create(session, private, privates, private_own, 3, private_key);
end:
    BN_clear_free(number);
    EVP_PKEY_free(key);
    return result;
}

/* r || s of a DER signature, in place. */
static int raw(byte *signature, size_t *length) {
    const byte *position = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &position, *length);
    int done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
               BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    *length = 64;
    return done;
}

static ulong_t sign_sm2(struct operation *op, byte *data, ulong_t data_length, byte *out, ulong_t *out_length) {
    byte signature[128];
    size_t length = sizeof signature;
    int done = 0;
    EVP_PKEY *key = key_of(op->scalar);
    EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (context && digest && op->number == SIGN_E) {
        done = data_length == 32 && EVP_PKEY_sign_init(context) > 0 &&
               EVP_PKEY_sign(context, signature, &length, data, data_length) > 0;
    } else if (context && digest) {
        EVP_MD_CTX_set_pkey_ctx(digest, context);
        done = EVP_PKEY_CTX_set1_id(context, op->id, op->id_length) > 0 &&
               EVP_DigestSignInit(digest, NULL, EVP_sm3(), NULL, key) > 0 &&
               EVP_DigestSign(digest, signature, &length, data, data_length) > 0;
    }
    EVP_MD_CTX_free(digest);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    if (done && op->number != SIGN_MESSAGE) done = raw(signature, &length);
    op->session = 0;
    if (!done) return GENERAL_ERROR;
    if (*out_length < length) return BUFFER_TOO_SMALL;
    memcpy(out, signature, *out_length = length);
    return OK;
}

/* What is not SoftHSM's. */

static ulong_t our_sign_init(ulong_t session, mechanism *how, ulong_t key) {
    if (how->number < SIGN_E || how->number > SIGN_WITH_POINTER)
        return CALL(SIGN_INIT, (ulong_t, mechanism *, ulong_t), session, how, key);
    octets id = {(byte *)"1234567812345678", 16};
    if (how->number == SIGN_WITH_POINTER && how->length == sizeof id) id = *(octets *)how->parameter;
    if (how->number == SIGN_MESSAGE && how->length) id = (octets){how->parameter, how->length};
    struct operation *op = operation_of(session, 1);
    ulong_t object = scalar_of_key(session, key);
    if (!op || id.length > sizeof op->id) return ARGUMENTS_BAD;
    attribute value = {VALUE, op->scalar, 32};
    if (!object || CALL(GET, (ulong_t, ulong_t, attribute *, ulong_t), session, object, &value, 1)) {
        op->session = 0;
        return 0x60; /* CKR_KEY_HANDLE_INVALID */
    }
    op->number = how->number;
    memcpy(op->id, id.octets, op->id_length = id.length);
    return OK;
}

static ulong_t our_sign(ulong_t session, byte *data, ulong_t length, byte *out, ulong_t *out_length) {
    struct operation *op = operation_of(session, 0);
    ulong_t result = op ? sign_sm2(op, data, length, out, out_length)
                        : CALL(SIGN, (ulong_t, byte *, ulong_t, byte *, ulong_t *), session, data, length, out,
                               out_length);
    if (fault("sign-returns-vendor-value")) return 0x80001234;
    if (fault("sign-device-removed")) return 0x32;
    if (fault("sign-garbage")) RAND_bytes(out, *out_length);
    if (fault("sign-zeros")) memset(out, 0, *out_length);
    if (fault("sign-short")) *out_length -= 1;
    if (fault("sign-nothing")) *out_length = 0;
    if (fault("sign-impossible-length")) *out_length = 1UL << 40;
    return result;
}

static ulong_t our_decrypt(ulong_t session, byte *data, ulong_t length, byte *out, ulong_t *out_length) {
    ulong_t result = CALL(DECRYPT, (ulong_t, byte *, ulong_t, byte *, ulong_t *), session, data, length, out, out_length);
    if (fault("decrypt-another-scalar")) out[31] ^= 1;
    if (fault("decrypt-short")) *out_length = 5;
    return result;
}

static ulong_t our_generate_pair(ulong_t session, mechanism *how, attribute *public, ulong_t publics,
                                 attribute *private, ulong_t privates, ulong_t *public_key, ulong_t *private_key) {
    byte yes = 1, no = 0;
    for (ulong_t i = 0; fault("generate-extractable") && i < privates; i++) {
        if (private[i].type == 0x162) private[i].value = &yes; /* CKA_EXTRACTABLE */
        if (private[i].type == 0x103) private[i].value = &no;  /* CKA_SENSITIVE */
    }
    ulong_t result = how->number == GENERATE_SM2
        ? generate_sm2(session, public, publics, private, privates, public_key, private_key)
        : CALL(GENERATE_PAIR, (ulong_t, mechanism *, attribute *, ulong_t, attribute *, ulong_t, ulong_t *, ulong_t *),
               session, how, public, publics, private, privates, public_key, private_key);
    if (fault("generate-wrong-handles")) *public_key = *private_key = 0xdeadbeef;
    return result;
}

static ulong_t our_destroy(ulong_t session, ulong_t object) {
    ulong_t class = 0, scalar;
    attribute wanted = {CLASS, &class, sizeof class};
    CALL(GET, (ulong_t, ulong_t, attribute *, ulong_t), session, object, &wanted, 1);
    if (class == 3 && (scalar = scalar_of_key(session, object))) CALL(DESTROY, (ulong_t, ulong_t), session, scalar);
    return CALL(DESTROY, (ulong_t, ulong_t), session, object);
}

static ulong_t our_get(ulong_t session, ulong_t object, attribute *wanted, ulong_t count) {
    ulong_t result = CALL(GET, (ulong_t, ulong_t, attribute *, ulong_t), session, object, wanted, count);
    for (ulong_t i = 0; fault("get-impossible-length") && i < count; i++) wanted[i].length = 1UL << 40;
    for (ulong_t i = 0; fault("get-nothing") && i < count; i++) wanted[i].length = -1UL;
    for (ulong_t i = 0; fault("get-garbage") && i < count; i++)
        if (wanted[i].length != -1UL) RAND_bytes(wanted[i].value, wanted[i].length);
    return result;
}

static ulong_t our_find(ulong_t session, ulong_t *found, ulong_t most, ulong_t *count) {
    ulong_t result = CALL(FIND, (ulong_t, ulong_t *, ulong_t, ulong_t *), session, found, most, count);
    if (fault("find-too-many")) *count = most + 1;
    if (fault("find-endless")) *count = most;
    if (fault("find-wrong-handles") && *count) *found = 0xdeadbeef;
    return result;
}

static ulong_t our_slot_list(byte present, ulong_t *slots, ulong_t *count) {
    ulong_t result = CALL(GET_SLOT_LIST, (byte, ulong_t *, ulong_t *), present, slots, count);
    if (fault("slots-impossible-count")) *count = 1UL << 40;
    if (fault("slots-more-than-room") && slots) *count += 1;
    return result;
}

static ulong_t our_mechanism_list(ulong_t slot, ulong_t *list, ulong_t *count) {
    ulong_t room = *count, result = CALL(GET_MECHANISM_LIST, (ulong_t, ulong_t *, ulong_t *), slot, list, count);
    if (result) return result;
    if (list && room < *count + 4) return BUFFER_TOO_SMALL;
    for (ulong_t number = GENERATE_SM2; number <= SIGN_WITH_POINTER; number++, ++*count)
        if (list) list[*count] = number;
    return OK;
}

static ulong_t our_login(ulong_t session, ulong_t user, byte *pin, ulong_t length) {
    const char *path = getenv("SHIM_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) fprintf(file, "C_Login\n"), fclose(file);
    if (fault("login-locked")) return 0xA4;
    return CALL(LOGIN, (ulong_t, ulong_t, byte *, ulong_t), session, user, pin, length);
}

ulong_t C_GetFunctionList(function_list **list) {
    void *module = dlopen(getenv("SHIM_MODULE"), RTLD_NOW | RTLD_LOCAL);
    ulong_t (*get)(function_list **) = module ? (ulong_t (*)(function_list **))dlsym(module, "C_GetFunctionList") : NULL;
    if (!get || get(&real)) return GENERAL_ERROR;
    ours = *real;
    ours.f[GET_SLOT_LIST] = our_slot_list;
    ours.f[GET_MECHANISM_LIST] = our_mechanism_list;
    ours.f[LOGIN] = our_login;
    ours.f[DESTROY] = our_destroy;
    ours.f[GET] = our_get;
    ours.f[FIND] = our_find;
    ours.f[DECRYPT] = our_decrypt;
    ours.f[SIGN_INIT] = our_sign_init;
    ours.f[SIGN] = our_sign;
    ours.f[GENERATE_PAIR] = our_generate_pair;
    *list = &ours;
    return OK;
}
