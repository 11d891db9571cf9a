/*
 * A card with habits: SoftHSM's module, and what the variable CARD says to change about it. Words in CARD:
 *   pad      the PIN is typed at the reader, and no other is taken       last, locked   what the token says of its PIN
 *   locks    a wrong PIN locks it        cancel   whoever stands at the reader presses the red button
 *   no-pkcs1, no-oaep, no-bare, no-ecdh   the mechanism is not there
 *   no-hash  no mechanism of RSA that hashes by itself   mute   its keys may not sign
 *   parts    decrypts in parts, as some modules do     stripped   leaves out leading zeros of the bare operation
 *   unknown  the module does not know it
 *   vague    every refused ciphertext is a general error
 * Built by the tests with the system's compiler.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST real;
static CK_FUNCTION_LIST list;
static CK_MECHANISM_TYPE begun;

static int is(const char *word) {
    const char *habits = getenv("CARD");
    const char *at = habits ? strstr(habits, word) : NULL;
    size_t length = strlen(word);
    return at && (at == habits || at[-1] == ' ') && (at[length] == 0 || at[length] == ' ');
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    if (is("unknown")) return CKR_TOKEN_NOT_RECOGNIZED;
    CK_RV answer = real.C_GetTokenInfo(slot, info);
    if (answer != CKR_OK) return answer;
    if (is("pad")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (is("last")) info->flags |= CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
    if (is("locked")) info->flags |= CKF_USER_PIN_LOCKED;
    return CKR_OK;
}

static int is_missing(CK_MECHANISM_TYPE mechanism) {
    return (mechanism == CKM_RSA_PKCS && is("no-pkcs1")) || (mechanism == CKM_RSA_PKCS_OAEP && is("no-oaep")) ||
           (mechanism == CKM_RSA_X_509 && is("no-bare")) || (mechanism == CKM_ECDH1_DERIVE && is("no-ecdh")) ||
           (mechanism == CKM_SHA256_RSA_PKCS && is("no-hash"));
}

static CK_RV mechanisms(CK_SLOT_ID slot, CK_MECHANISM_TYPE *types, CK_ULONG *count) {
    CK_RV answer = real.C_GetMechanismList(slot, types, count);
    if (answer != CKR_OK || !types) return answer;
    CK_ULONG kept = 0;
    for (CK_ULONG at = 0; at < *count; at++) {
        if (!is_missing(types[at])) types[kept++] = types[at];
    }
    *count = kept;
    return CKR_OK;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    if (is("mute")) return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return is_missing(mechanism->mechanism) ? CKR_MECHANISM_INVALID : real.C_SignInit(session, mechanism, key);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG length) {
    static unsigned char typed[] = "123456";
    if (is("cancel")) return CKR_FUNCTION_CANCELED;
    if (is("pad")) return pin ? CKR_ARGUMENTS_BAD : real.C_Login(session, user, typed, 6);
    CK_RV answer = real.C_Login(session, user, pin, length);
    return answer == CKR_PIN_INCORRECT && is("locks") ? CKR_PIN_LOCKED : answer;
}

static CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    if (is_missing(mechanism->mechanism)) return CKR_MECHANISM_INVALID;
    begun = mechanism->mechanism;
    return real.C_DecryptInit(session, mechanism, key);
}

static CK_RV decrypt(CK_SESSION_HANDLE session, unsigned char *in, CK_ULONG in_size, unsigned char *out, CK_ULONG *size) {
    CK_RV answer = real.C_Decrypt(session, in, in_size, out, size);
    if (answer != CKR_OK) return is("vague") && out ? CKR_GENERAL_ERROR : answer;
    if (out && begun == CKM_RSA_X_509 && is("stripped")) {
        CK_ULONG zeros = 0;
        while (zeros < *size && out[zeros] == 0) zeros++;
        memmove(out, out + zeros, *size - zeros);
        *size -= zeros;
    }
    return CKR_OK;
}

static CK_RV decrypt_final(CK_SESSION_HANDLE session, unsigned char *out, CK_ULONG *size) {
    (void)session;
    (void)out;
    *size = 0;
    return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out) {
    void *module = dlopen(getenv("CARD_MODULE"), RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = module ? (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList") : NULL;
    CK_FUNCTION_LIST *found = NULL;
    if (!get || get(&found) != CKR_OK) return CKR_GENERAL_ERROR;
    real = list = *found;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_GetTokenInfo = token_info;
    list.C_GetMechanismList = mechanisms;
    list.C_SignInit = sign_init;
    list.C_Login = login;
    list.C_DecryptInit = decrypt_init;
    list.C_Decrypt = decrypt;
    if (is("parts")) {
        list.C_DecryptUpdate = decrypt;
        list.C_DecryptFinal = decrypt_final;
    }
    *out = &list;
    return CKR_OK;
}
